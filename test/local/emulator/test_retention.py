"""What the embedded AWS keeps of old records."""

import time
import unittest
from unittest import mock

from emulator import retention
from ministack.services import cloudwatch

BEGIN = 1_800_000_000.0  # the beginning of a minute
METRIC = ("Test", "count", "")


class Retention(unittest.TestCase):
    def test_old_points_are_one_set_a_minute_however_often_they_are_looked_at(self):
        points = [{"Timestamp": BEGIN + at, "Unit": "None", "Dimensions": {}, "Value": 1.0} for at in range(0, 300, 5)]
        cloudwatch._metrics[METRIC] = points
        self.addCleanup(cloudwatch._metrics.pop, METRIC)
        for look in range(0, 181, 20):
            with mock.patch.object(time, "time", return_value=BEGIN + retention.SINGLE_POINTS_SECONDS + look):
                retention._single_points()
        self.assertEqual([point["Timestamp"] - BEGIN for point in points], [0, 60, 120, *range(180, 300, 5)])
        self.assertEqual([cloudwatch._point_stats(point)[0] for point in points[:3]], [12, 12, 12])
        self.assertEqual(sum(cloudwatch._point_stats(point)[0] for point in points), 60)
