import type { BindingSource } from '@heurist/core/definition';
import type { FoundParameter } from '../found-parameter.ts';
import { ancestors, isLink, placeName } from '../graph-walk.ts';
import { ELSEWHERE, readsElsewhere } from './find-files.ts';
import { leftOver } from './find-outputs.ts';
import { isPlain, passedInput } from './follow-value.ts';
import type { FixedInput, Note, PlannedOutput } from './graph-plan.ts';
import type { Scene } from './scene.ts';

/** What is worth knowing about what was found. */
export function findNotes(
  scene: Scene,
  options: readonly FoundParameter[],
  fixed: readonly FixedInput[],
  outputs: readonly PlannedOutput[],
): Note[] {
  return [
    ...guessedOutputs(scene, outputs),
    ...options.flatMap((option) => [...sharedNote(scene, option), ...primitiveNote(scene, option)]),
    ...switchNotes(scene),
    ...fixed.filter(({ node }) => scene.live.has(node)).flatMap(fileNote),
  ];
}

function guessedOutputs({ graph, shapes }: Scene, outputs: readonly PlannedOutput[]): Note[] {
  const ids = outputs.map(({ node }) => node);
  const unused = ids.length ? leftOver(graph, shapes, ids) : [];
  const notes = unused.map((node): Note => {
    const what = `node ${node} (${graph[node]!.class_type}), which is left out`;
    return { node, message: `Nothing is linked into ${what}. Pass --output ${node} besides, if it is an output.` };
  });
  const guessed = outputs.flatMap(({ node, class_type }): Note[] => {
    if (!Object.values(graph[node]!.inputs).some(isLink))
      return [{ node, message: `Nothing is linked into node ${node} (${class_type}), which is an output.` }];
    if (Object.hasOwn(shapes, class_type)) return [];
    const how = 'Pass --output with other nodes, or --comfyui with a ComfyUI that has its class, if it is none.';
    return [{ node, message: `Node ${node} (${class_type}) is taken for an output by its name. ${how}` }];
  });
  return [...guessed, ...notes];
}

/** One value that feeds several inputs is one option. */
function sharedNote({ graph, shapes, live }: Scene, { name, bindings }: FoundParameter): Note[] {
  return [...new Set(bindings.map(nodeOf))].flatMap((node): Note[] => {
    const holder = graph[node]!;
    if (!isPlain(shapes, holder) || Object.keys(holder.inputs).length !== 1) return [];
    const fed = [...live].flatMap(([id, { inputs }]) =>
      Object.entries(inputs).flatMap(([input, value]) =>
        isLink(value) && value[0] === node ? [placeName({ node: id, input })] : [],
      ),
    );
    if (fed.length < 2) return [];
    const message = `Option ${name} sets ${fed.join(' and ')}: node ${node} (${holder.class_type}) feeds them all.`;
    return [{ node, message }];
  });
}

/** So is one of a primitive, of which the graph keeps only the value. */
function primitiveNote({ primitives }: Scene, { name, bindings }: FoundParameter): Note[] {
  const bound = new Set(bindings.map(placeName));
  return [...primitives].flatMap(([id, places]): Note[] => {
    const fed = places.filter((place) => bound.has(place));
    if (fed.length < 2) return [];
    return [{ message: `Option ${name} sets ${fed.join(' and ')}: primitive ${id} of the editor feeds them all.` }];
  });
}

const nodeOf = (binding: BindingSource) => placeName(binding).split('.')[0]!;

/** Branches that switches leave out run for nobody. */
function switchNotes({ graph, shapes, live }: Scene): Note[] {
  const deciding = [...live].flatMap(([node, { inputs }]) => {
    const passed = passedInput(graph, shapes, node);
    if (!passed) return [];
    const others = Object.entries(inputs).flatMap(([input, value]) =>
      input !== passed && isLink(value) ? [value[0]] : [],
    );
    return [...ancestors(graph, others)].some((id) => !live.has(id)) ? [`${node} (${passed})`] : [];
  });
  if (!deciding.length) return [];
  const shown = deciding.slice(0, MOST_NAMED).join(', ');
  const more = deciding.length > MOST_NAMED ? ` and ${deciding.length - MOST_NAMED} more` : '';
  return [{ message: `Switches keep their side: ${shown}${more}. What only their other sides use stays fixed.` }];
}

const MOST_NAMED = 5;

const FILE =
  /\.(png|jpe?g|webp|gif|bmp|tiff?|mp4|mov|webm|mkv|avi|wav|mp3|flac|ogg|m4a|glb|gltf|obj|fbx|stl|ply)(\s*\[\w+\])?$/i;

/** How much of a value a note shows: it may be a whole picture. */
const LONGEST_VALUE = 100;

/** A file of the author's that miners lack. */
function fileNote({ node, class_type, input, value }: FixedInput): Note[] {
  if (typeof value !== 'string' || !value) return [];
  const isAddress = /load|image|video|audio/i.test(class_type) && /^(url|image_url|video_url|audio_url)$/i.test(input);
  if (!isAddress && !FILE.test(value) && !readsElsewhere(class_type, input)) return [];
  const shown = JSON.stringify(value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value);
  const instead = ELSEWHERE.test(class_type)
    ? `${class_type} takes no uploaded file: use a loader with an upload button, such as LoadImage or LoadVideo.`
    : 'Miners need a file of this name.';
  return [
    {
      node,
      input,
      message: `${input} of node ${node} stays ${shown}, which miners do not have. ${instead}`,
    },
  ];
}
