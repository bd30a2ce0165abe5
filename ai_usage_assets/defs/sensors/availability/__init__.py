"""One sensor for each vendor: it polls the vendor for new and restated days and requests runs."""
