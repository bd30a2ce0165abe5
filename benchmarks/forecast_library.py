"""The forecast of a statistics library, as an oracle: exponential smoothing of statsmodels, fitted anew on each day.

It is no part of the product, and `benchmarks/requirements.in` alone has the library.
"""

import warnings
from collections.abc import Iterator

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from ai_usage_assets.days import month_of
from benchmarks.forecast import Costs, Made, actual

DAY_OF_MONTH = 10
MIN_DAYS, MAX_DAYS = 60, 364
"""How many days are needed, and learned from."""
PATHS = 500


def forecasts(costs: Costs) -> Iterator[Made]:
    """A damped trend and additive weekdays; the 80 % interval is that of simulated paths."""
    ordered = sorted(costs)
    for place, day in enumerate(ordered):
        if day.day != DAY_OF_MONTH or place < MIN_DAYS:
            continue
        days = month_of(day)
        history = np.array([costs[each] for each in ordered[max(0, place - MAX_DAYS) : place + 1]])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ETSModel(history, trend="add", damped_trend=True, seasonal="add", seasonal_periods=7)
            fitted = model.fit(disp=False)
            left = days.last.day - day.day
            paths = fitted.simulate(left, anchor="end", repetitions=PATHS, rng=np.random.default_rng(1))
        so_far = sum(costs[each] for each in days if each <= day)
        low, high = np.quantile(so_far + np.asarray(paths).sum(axis=0), [0.1, 0.9])
        usd = so_far + float(np.sum(fitted.forecast(left)))
        yield Made(day, usd, float(low), float(high), actual(costs, day))
