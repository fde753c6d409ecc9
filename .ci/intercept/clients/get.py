import os
import urllib.request

request = urllib.request.Request('https://api.kickflow.com/v1/users')
request.add_header('Authorization', 'Bearer ' + os.environ['KICKFLOW_TOKEN'])
print(urllib.request.urlopen(request).status)
