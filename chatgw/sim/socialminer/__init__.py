"""A simulator of SocialMiner and of the contact centre behind it, with an agent's page."""
