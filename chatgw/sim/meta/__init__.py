"""A simulator of Meta: the Graph API, signed webhooks, and a customer's Messenger page."""
