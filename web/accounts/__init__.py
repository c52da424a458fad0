"""Accounts, sessions, roles: who is behind a request at the doors that ask. The only place of web with SQLAlchemy.

Doors import from here what has no need of the database (roles, values); ``web.accounts.service`` is the service itself.
"""
