"""The conversation with requests, recorded by vcrpy."""
import os
import requests
import vcr

base, out = os.environ["BASE"], os.environ["OUT"]


def ask(token, method, path, body=None):
    headers = {"Authorization": "Bearer " + token}
    return requests.request(method, base + path, json=body, headers=headers)


for name, options in {"vcrpy": {}, "vcrpy-decoded": {"decode_compressed_response": True}}.items():
    requests.post(os.environ["KICKFLOW_ADMIN"] + "/__admin/reset")
    file = os.path.join(out, name + ".yaml")
    if os.path.exists(file):
        os.remove(file)
    with vcr.use_cassette(file, **options):
        ask("kickflow-admin-token", "GET", "/v1/users?perPage=2&sortBy=email-asc")
        made = ask("kickflow-admin-token", "POST", "/v1/grades", {"name": "Recorded", "level": 77}).json()
        ask("kickflow-admin-token", "GET", "/v1/grades/" + made["id"])
        ask("kickflow-member-token", "POST", "/v1/grades", {"name": "Refused", "level": 78})
        ask("kickflow-revoked-token", "GET", "/v1/users")
        ask("kickflow-admin-token", "GET", "/v1/users/none")
