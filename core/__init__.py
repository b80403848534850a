"""Tools that know nothing of the business: text, money, privacy, search, clock, passwords, serving."""
