<?php
$c = curl_init('https://api.kickflow.com/v1/users');
curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ['Authorization: Bearer ' . getenv('KICKFLOW_TOKEN')]]);
if (curl_exec($c) === false) { fwrite(STDERR, curl_error($c) . "\n"); exit(1); }
echo curl_getinfo($c, CURLINFO_RESPONSE_CODE), "\n";
