import os

import requests

headers = {'Authorization': 'Bearer ' + os.environ['KICKFLOW_TOKEN']}
print(requests.get('https://api.kickflow.com/v1/users', headers=headers).status_code)
