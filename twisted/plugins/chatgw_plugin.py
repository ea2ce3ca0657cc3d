"""Makes ``twistd chatgw`` known to Twisted."""

from twisted.application.service import ServiceMaker

chatgw = ServiceMaker(
    "chatgw",
    "chatgw.tap",
    "Chat gateway between Facebook Messenger and Cisco SocialMiner (CCP).",
    "chatgw",
)
