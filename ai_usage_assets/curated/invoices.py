"""Which invoices are explained by the cost: the statement of the check `invoice_is_explained`, with its tolerance."""

from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.invoices import MAX_UNEXPLAINED_SHARE, MIN_UNEXPLAINED_USD
from ai_usage_assets.schema.tables.load_log import LOAD_LOG


def explained(reconciliation: str) -> str:
    """One row is an invoice, the one with the largest unexplained amount first.

    Seats are invoiced in advance: an invoice whose last day is not loaded yet is not over, and is not unexplained.

    Args:
        reconciliation: the statement of fct_invoice_reconciliation.
    """
    return f"""
select platform, invoice_id, issued_on, period_start, period_end, invoiced_usd, metered_usd, unexplained_usd, candidates,
  is_over,
  is_over and abs(unexplained_usd) > greatest({MIN_UNEXPLAINED_USD}, {MAX_UNEXPLAINED_SHARE} * abs(invoiced_usd)) as is_unexplained
from (
  select platform, invoice_id, issued_on,
    min(if(component = 'invoiced', period_start, null)) as period_start,
    max(if(component = 'invoiced', period_end, null)) as period_end,
    sum(if(component = 'invoiced', amount_usd, 0)) as invoiced_usd,
    sum(if(source = 'cost', amount_usd, 0)) as metered_usd,
    sum(if(component = 'unexplained', amount_usd, 0)) as unexplained_usd,
    max(candidates) as candidates,
    max(period_end) <= coalesce(
      (select max(day) from {LOAD_LOG.name} where table_name = '{FCT_COST_DAILY.name}'), date '0001-01-01'
    ) as is_over
  from (
{reconciliation}
  ) as components
  group by 1, 2, 3
) as invoices
order by abs(unexplained_usd) desc, platform, invoice_id"""
