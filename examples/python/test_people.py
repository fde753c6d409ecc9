"""Run with: mockserver exec -- python3 -m unittest"""

import json
import os
import unittest
import urllib.error
import urllib.request

from people import People


def control(method, path, body=None):
    """Asks the control plane."""
    headers = {"Authorization": "Bearer " + os.environ.get("MOCKSERVER_ADMIN_TOKEN", "")}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["MOCKSERVER_ADMIN_URL"] + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


class PeopleTest(unittest.TestCase):
    def setUp(self):
        self.world = control("POST", "/worlds", {})
        self.addCleanup(control, "DELETE", "/worlds/" + self.world["name"])
        self.people = People(self.world["urls"]["flexcrm"], self.world["credentials"]["flexcrm"][0]["value"])

    def test_everybody_is_listed(self):
        self.assertIn("星野 明", json.dumps(self.people.all(), ensure_ascii=False))

    def test_an_unknown_key_is_refused(self):
        stranger = People(self.world["urls"]["flexcrm"], "unknown")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            stranger.all()
        self.assertEqual(refused.exception.code, 403)
        refused.exception.close()


if __name__ == "__main__":
    unittest.main()
