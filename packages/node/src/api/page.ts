/** A page to try the API: lists the operations of the document beside it, fills and sends them, shows what came. */
export const explorerPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Concordat API</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
  * { box-sizing: border-box; }
  body { margin: 0 auto; max-width: 62rem; padding: 1rem; font: 15px/1.45 system-ui, sans-serif; }
  header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
  h1 { font-size: 1.3rem; margin: 0; }
  h2 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
  #search { flex: 1; min-width: 12rem; }
  input, textarea, button, select { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 4px; }
  textarea { width: 100%; min-height: 8rem; font-family: ui-monospace, monospace; font-size: 13px; }
  details.op { border: 1px solid var(--line); border-radius: 6px; margin: .3rem 0; }
  details.op > summary { cursor: pointer; padding: .4rem .6rem; display: flex; gap: .6rem; flex-wrap: wrap; }
  details.op > form { padding: .4rem .8rem .8rem; border-top: 1px solid var(--line); }
  .method { font: 600 12px/1.7 ui-monospace, monospace; width: 4rem; }
  code, pre { font-family: ui-monospace, monospace; font-size: 13px; }
  pre { overflow: auto; max-height: 28rem; padding: .6rem; border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
  .note { opacity: .7; }
  .fields { display: grid; grid-template-columns: minmax(8rem, auto) 1fr; gap: .3rem .6rem; align-items: center; margin: .4rem 0; }
  .bad { color: #c62828; } .good { color: #2e7d32; }
</style>
</head>
<body>
<header>
  <h1>Concordat API</h1>
  <input id="search" type="search" placeholder="Find an operation" aria-label="Find an operation">
  <span class="note">Document: <a id="json">JSON</a> · <a id="yaml">YAML</a></span>
</header>
<main id="operations" aria-busy="true"><p>Loading…</p></main>
<script>
'use strict';
const here = location.pathname.replace(/\\/+$/, '');
document.getElementById('json').href = here + '/openapi.json';
document.getElementById('yaml').href = here + '/openapi.yaml';

const el = (tag, props, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};

function sample(schema, depth = 0) {
  if (!schema || depth > 4) return null;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0], depth + 1);
  if (schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, sample(v, depth + 1)]));
  }
  if (schema.type === 'array') return [sample(schema.items, depth + 1)];
  if (schema.type === 'integer' || schema.type === 'number') return 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'string') return '';
  return {};
}

function field(param) {
  const input = el('input', { name: param.name, autocomplete: 'off' });
  if (param.required) input.required = true;
  if (param.schema && param.schema.default) input.placeholder = param.schema.default;
  return { param, input };
}

function bodyArea(op) {
  const content = op.requestBody && op.requestBody.content;
  if (!content) return undefined;
  const json = content['application/json'];
  const example = json.example ?? (op.requestBody.required ? sample(json.schema) : {}) ?? {};
  const area = el('textarea', { value: JSON.stringify(example, null, 2), spellcheck: false });
  area.setAttribute('aria-label', 'Request body');
  const file = content['multipart/form-data'] ? el('input', { type: 'file' }) : undefined;
  return { area, file };
}

function requestOf(base, path, method, fields, body) {
  let url = base + path;
  const query = [];
  const headers = {};
  for (const { param, input } of fields) {
    if (param.in === 'path') url = url.replace('{' + param.name + '}', input.value.split('/').map(encodeURIComponent).join('/'));
    else if (input.value === '') continue;
    else if (param.in === 'query') query.push(encodeURIComponent(param.name) + '=' + encodeURIComponent(input.value));
    else headers[param.name] = input.value;
  }
  if (query.length > 0) url += '?' + query.join('&');
  const init = { method: method.toUpperCase(), headers };
  if (body && body.file && body.file.files.length > 0) {
    const form = new FormData();
    form.append('autometa', 'true');
    form.append('file', body.file.files[0]);
    init.body = form;
  } else if (body) {
    headers['Content-Type'] = 'application/json';
    init.body = body.area.value.trim() === '' ? '{}' : body.area.value;
  }
  return { url, init };
}

// What the server would refuse as no JSON at all is told without asking it.
function faultOf(body) {
  if (!body || body.area.value.trim() === '' || (body.file && body.file.files.length > 0)) return undefined;
  try {
    JSON.parse(body.area.value);
  } catch (error) {
    return 'Not sent: the body is not JSON (' + error.message + ')';
  }
}

async function send(request, output) {
  const started = performance.now();
  output.replaceChildren(el('p', { className: 'note' }, 'Waiting for the reply…'));
  try {
    const reply = await fetch(request.url, request.init);
    const type = reply.headers.get('content-type') || '';
    const text = /json|yaml|text/.test(type) || reply.status === 204 ? await reply.text() : '(' + (await reply.blob()).size + ' bytes)';
    const ms = Math.round(performance.now() - started);
    const headers = [...reply.headers].map(([k, v]) => k + ': ' + v).join('\\n');
    output.replaceChildren(
      el('p', { className: reply.ok ? 'good' : 'bad' }, reply.status + ' ' + reply.statusText + ' · ' + ms + ' ms'),
      el('p', {}, el('code', {}, request.init.method + ' ' + request.url)),
      el('pre', {}, pretty(text)),
      el('details', {}, el('summary', {}, 'Headers'), el('pre', {}, headers)),
    );
  } catch (error) {
    output.replaceChildren(el('p', { className: 'bad' }, 'No reply: ' + error.message));
  }
}

// Indents without parsing, so that numbers and keys are shown as they came.
function pretty(json) {
  let out = '', depth = 0, inString = false;
  const line = () => '\\n' + '  '.repeat(depth);
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (inString) {
      out += c;
      if (c === '\\\\') out += json[++i] ?? '';
      else if (c === '"') inString = false;
    } else if (c === '"') { inString = true; out += c; }
    else if ((c === '{' || c === '[') && (json[i + 1] === '}' || json[i + 1] === ']')) out += c + json[++i];
    else if (c === '{' || c === '[') { depth++; out += c + line(); }
    else if (c === '}' || c === ']') { depth = Math.max(0, depth - 1); out += line() + c; }
    else if (c === ',') out += c + line();
    else if (c === ':') out += ': ';
    else if (c.trim() !== '') out += c;
  }
  return out;
}

function form(base, path, method, op) {
  const fields = (op.parameters || []).map(field);
  const body = bodyArea(op);
  const output = el('div', {});
  output.setAttribute('aria-live', 'polite');
  const grid = (list) => el('div', { className: 'fields' }, ...list.flatMap(({ param, input }) => {
    const label = el('label', {}, param.name + (param.required ? ' *' : ''), el('span', { className: 'note' }, ' ' + param.in));
    label.htmlFor = input.id = op.operationId + '-' + param.in + '-' + param.name;
    return [label, input];
  }));
  const needed = fields.filter(({ param }) => param.required);
  const rest = fields.filter(({ param }) => !param.required);
  const node = el('form', {},
    grid(needed),
    ...(rest.length > 0 ? [el('details', {}, el('summary', {}, 'Query and headers'), grid(rest))] : []),
    ...(body ? [body.area] : []),
    ...(body && body.file ? [el('p', {}, 'or a file: ', body.file)] : []),
    el('p', {}, el('button', {}, 'Send')),
    output,
  );
  node.addEventListener('submit', (event) => {
    event.preventDefault();
    const fault = faultOf(body);
    if (fault) output.replaceChildren(el('p', { className: 'bad' }, fault));
    else send(requestOf(base, path, method, fields, body), output);
  });
  return node;
}

function operation(base, path, method, op) {
  const node = el('details', { className: 'op' },
    el('summary', {}, el('span', { className: 'method' }, method.toUpperCase()), el('code', {}, path), el('span', { className: 'note' }, op.summary)));
  node.dataset.text = (method + ' ' + path + ' ' + op.summary + ' ' + op.operationId).toLowerCase();
  node.addEventListener('toggle', () => {
    if (node.open && node.children.length === 1) node.append(form(base, path, method, op));
  });
  return node;
}

async function load() {
  const main = document.getElementById('operations');
  const reply = await fetch(here + '/openapi.json');
  if (!reply.ok) throw new Error(await reply.text());
  const api = await reply.json();
  // A public address of another origin can't be called from here; its path is the same.
  const base = new URL(api.servers[0].url, location.href).pathname.replace(/\\/$/, '');
  const groups = new Map();
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(operations)) {
      const tag = op.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(base, path, method, op));
    }
  }
  main.replaceChildren(...[...groups].sort(([a], [b]) => a.localeCompare(b)).map(([tag, list]) => el('section', {}, el('h2', {}, tag), ...list)));
  main.setAttribute('aria-busy', 'false');
  document.getElementById('search').addEventListener('input', ({ target }) => {
    const wanted = target.value.toLowerCase().split(/\\s+/);
    for (const section of main.children) {
      const list = [...section.querySelectorAll('details.op')];
      for (const node of list) node.hidden = !wanted.every((word) => node.dataset.text.includes(word));
      section.hidden = list.every((node) => node.hidden);
    }
  });
}
load().catch((error) => {
  document.getElementById('operations').replaceChildren(el('p', { className: 'bad' }, 'The document can’t be read: ' + error.message));
});
</script>
</body>
</html>
`
