import {request} from 'undici';
const answer = await request('https://api.kickflow.com/v1/users', {
  headers: {Authorization: `Bearer ${process.env.KICKFLOW_TOKEN}`},
});
console.log(answer.statusCode);
