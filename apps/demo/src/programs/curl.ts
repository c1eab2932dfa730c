import { isFile } from '../lib/file-value.ts';
import { fileNameOf, type ProgramStep, parameterOf, readsOf, variableOf, type WriteProgram } from './program-step.ts';
import { shellPath, shellText } from './shell-text.ts';

/** Marks a place inside JSON where the value of a variable goes; no text of a visitor has it. */
const VARIABLE = /"\uE000(\w+)\uE000"/g;

/** Writes calls of the protocol with curl, for a POSIX shell. */
export const writeCurl: WriteProgram = (steps, networkUrl) => {
  const last = steps.at(-1)!;
  const uploads = steps.some(({ options }) => Object.values(options).some((value) => isFile(value) && 'url' in value));
  const reads = readsOf(steps);
  return `# in a shell where HEURIST_API_KEY is your key${reads ? `; ${reads}` : ''}
network=${shellText(networkUrl.replace(/\/+$/, ''))}
${CALL}
field() { sed -n 's/.*"'"$1"'": *"\\([^"]*\\)".*/\\1/p'; }
${WAIT}
${uploads ? `${UPLOAD}\n` : ''}${steps.map((step) => runOf(step, steps)).join(' &&\n')} &&
curl -sS --fail -o ${shellText(fileNameOf(last))} "$(output "$${variableOf(steps, last.task_id)}" 1)"
`;
};

/** Whatever is refused is said, and not taken for an answer. */
const CALL = String.raw`call() {
  if body=$(curl -sS --fail-with-body -H "Authorization: Bearer $HEURIST_API_KEY" -H 'Content-Type: application/json' -d "$2" "$network/$1")
  then printf '%s' "$body"
  else printf '%s\n' "$body" >&2; return 1
  fi
}`;

const WAIT = String.raw`wait_for() {
  [ -n "$1" ] || return
  while reply=$(call task_result_query '{"task_id":"'"$1"'"}'); do
    case $reply in
      *'"status":"finished"'*) printf '%s' "$reply"; return ;;
      *'"status":"failed"'* | *'"status":"canceled"'*) break ;;
    esac
    sleep 1
  done
  printf '%s\n' "$reply" >&2
  return 1
}
output() { printf '%s' "$1" | grep -o '"url":"[^"]*"' | sed -n "$2p" | cut -d '"' -f 4; }`;

const UPLOAD = String.raw`upload() {
  slot=$(call file_create '{"content_type":"'"$2"'","bytes":'"$(wc -c < "$1" | tr -d ' ')"'}') || return
  url=$(printf '%s' "$slot" | field upload_url)
  if body=$(curl -sS --fail-with-body -X PUT -H "Content-Type: $2" --data-binary "@$1" "$url")
  then printf '%s' "$slot" | field url
  else printf '%s\n' "$body" >&2; return 1
  fi
}`;

function runOf(step: ProgramStep, steps: readonly ProgramStep[]): string {
  const { info, workflow_id, options } = step;
  const name = variableOf(steps, step.task_id);
  const before: string[] = [];
  const parameters: Record<string, string | number> = {};
  for (const [option, value] of Object.entries(options)) {
    const parameter = parameterOf(step, option);
    if (!isFile(value)) {
      parameters[parameter] = value;
      continue;
    }
    const variable = `${name}_${parameter}`;
    parameters[parameter] = `\uE000${variable}\uE000`;
    const taken =
      'url' in value
        ? `upload ${shellPath(value.name)} ${typeOf(value.name)}`
        : `output "$${variableOf(steps, value.task_id)}" ${value.output + 1}`;
    before.push(`${variable}=$(${taken})`);
  }
  const body = { task_type: info.task_type, workflow_id, task_details: { parameters } };
  const submit = `${name}=$(wait_for "$(call task_create ${jsonWord(body)} | field task_id)")`;
  return [...before, submit].join(' &&\n');
}

/** JSON as one word of the shell, with values of variables inside. */
function jsonWord(value: object): string {
  return shellText(JSON.stringify(value)).replaceAll(VARIABLE, `"'"$$$1"'"`);
}

function typeOf(name: string): string {
  const [, ending = 'png'] = /\.(jpe?g|webp|gif|avif)$/i.exec(name) ?? [];
  return `image/${ending.toLowerCase().replace('jpg', 'jpeg')}`;
}
