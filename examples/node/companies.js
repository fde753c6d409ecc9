// A small client of Twenty, to show how it is tested.
export class Companies {
  constructor(url, token) {
    this.url = url;
    this.headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  }

  async create(name) {
    const { data } = await this.ask('POST', '/rest/companies', { name });
    return data.createCompany;
  }

  async named(name) {
    const filter = encodeURIComponent(`name[eq]:${JSON.stringify(name)}`);
    const { data } = await this.ask('GET', `/rest/companies?filter=${filter}`);
    return data.companies;
  }

  async ask(method, path, body) {
    const answer = await fetch(this.url + path, { method, headers: this.headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
