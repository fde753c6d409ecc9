import os

import httpx

headers = {'Authorization': 'Bearer ' + os.environ['KICKFLOW_TOKEN']}
print(httpx.get('https://api.kickflow.com/v1/users', headers=headers).status_code)
