const answer = await fetch('https://api.kickflow.com/v1/users', {
  headers: {Authorization: `Bearer ${process.env.KICKFLOW_TOKEN}`},
});
console.log(answer.status);
