"""The runs that are there: listed, shown, compared and removed; none of it trains."""
