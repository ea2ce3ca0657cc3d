"""What a missing server makes of a test."""

from __future__ import annotations

import os
from unittest import SkipTest

from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.servers import DEMAND, binary


class BinaryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.environment = {"PATH": os.defpath}
        self.patch(os, "environ", self.environment)

    def test_the_first_one_installed_is_found(self) -> None:
        self.assertTrue(binary("no-such-shell", "sh").endswith("/sh"))

    def test_a_missing_one_skips_loudly(self) -> None:
        reason = str(self.assertRaises(SkipTest, binary, "no-such-server"))
        self.assertIn("NOT INSTALLED: no-such-server", reason)

    def test_a_missing_one_that_is_demanded_fails(self) -> None:
        self.environment[DEMAND] = "1"
        self.assertRaises(AssertionError, binary, "no-such-server")
