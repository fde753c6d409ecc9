"""A small client of FlexCRM, to show how it is tested."""

import json
import urllib.request


class People:
    def __init__(self, url, key):
        self.url = url
        self.headers = {"X-FlexCRM-API-KEY": key, "User-Agent": "people", "Content-Type": "application/json"}

    def all(self):
        return self._ask("GET", "/flex/api/v1/user")

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
