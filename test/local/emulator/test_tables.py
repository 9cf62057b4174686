"""What is read of tables by shorter ways than ministack's is the same."""

import itertools
import random
import unittest

from emulator import expressions, scans
from ministack.services import dynamodb

CONDITIONS = (
    "#p = :p", "#p = :p AND #s <= :a", "#p = :p AND #s < :a", "#p = :p AND #s > :a", "#s >= :a AND #p = :p", "#p = :p AND #s = :a",
    "#p = :p AND begins_with(#s, :a)", "#p=:p AND begins_with ( #s , :a )", "#p = :p AND #s BETWEEN :a AND :b",
)
NAMES = {"#p": "pk", "#s": "sk"}
SORTS = ("", "a", "ab", "b", "B", "\u00e9", "\U0001f600")


def text(value):
    return {"S": value}


class Tables(unittest.TestCase):
    def test_conditions_on_keys_are_what_they_were(self):
        shorter = expressions._knowing_keys(dynamodb._evaluate_condition)
        items = [{"pk": text("p"), "sk": text(sort)} for sort in SORTS] + [{"pk": text("q"), "sk": text("a")}, {"pk": text("p")}]
        for condition, a, b in itertools.product(CONDITIONS, SORTS, SORTS):
            if "BETWEEN" in condition and a > b:
                continue
            names = NAMES if "#s" in condition else {"#p": "pk"}
            values = {":p": text("p"), ":a": text(a), ":b": text(b)}
            asked = [(condition, item, values, names) for item in items]
            self.assertEqual([shorter(*each, slot="KeyConditionExpression") for each in asked],
                             [dynamodb._evaluate_condition(*each, slot="KeyConditionExpression") for each in asked], (condition, a, b))
            self.assertIsNotNone(expressions._checks(condition, tuple(sorted(names.items()))), condition)

    def test_what_has_another_form_is_left_to_ministack(self):
        for condition in ("#p = :p OR #s = :a", "pk = :p", "#p = :p AND (#s = :a)", "#p <> :p", "#x = :p"):
            self.assertIsNone(expressions._checks(condition, tuple(sorted(NAMES.items()))), condition)
        shorter = expressions._knowing_keys(dynamodb._evaluate_condition)
        item, values = {"n": {"N": "10"}}, {":n": {"N": "9"}}
        self.assertTrue(shorter("#n > :n", item, values, {"#n": "n"}, slot="KeyConditionExpression"))

    def test_a_page_begins_where_it_did(self):
        table = {"pk_name": "pk", "sk_name": "sk"}
        keys = sorted({(random.choice("abc"), str(random.randrange(50))) for _ in range(80)})
        items = [{"pk": text(pk), "sk": text(sk)} for pk, sk in keys]
        for start in items:
            self.assertEqual(scans._after(items, start, table), dynamodb._apply_exclusive_start_key_scan(items, start, table))
