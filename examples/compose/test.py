"""Creates a webhook and a company in the fake of Twenty, and waits until the receiver has the event."""

import json
import os
import sys
import time
import urllib.request

fakes, receiver = os.environ["FAKES"], os.environ["RECEIVER"]


def ask(method, url, token="", body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
        return json.loads(answer.read() or b"null")


world = ask("POST", fakes + "/__admin/worlds", os.environ.get("MOCKSERVER_ADMIN_TOKEN", ""), {})
url, token = world["urls"]["twenty"], world["credentials"]["twenty"][0]["value"]
ask("POST", url + "/rest/metadata/webhooks", token, {"targetUrl": receiver, "operations": ["company.created"]})
ask("POST", url + "/rest/companies", token, {"name": "Analytical Engines"})
for _ in range(100):
    events = ask("GET", receiver)
    if events:
        break
    time.sleep(0.1)
names = [event["record"]["name"] for event in events]
print("received", names)
sys.exit(0 if names == ["Analytical Engines"] else 1)
