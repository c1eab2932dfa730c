/** Kinds of files that the editor uploads for a control. */
export type UploadKind = 'image' | 'video' | 'audio' | 'file';

/** A control of a node, in the order in which the editor makes and saves them. */
export interface WidgetShape {
  name: string;
  /** Such as `INT`, `STRING` and `COMBO`. */
  type: string;
  /** Its value in a new node; absent if it depends on the files of a server. */
  default?: unknown;
  /** `{a|b}` picks one, and comments are taken out. */
  dynamicPrompts?: true;
  /** What is sent whatever the file says. */
  constant?: unknown;
  /** It only does something in the editor. */
  isButton?: true;
  /** A dynamic combo: the controls that each choice brings, by choice. */
  choices?: Record<string, WidgetShape[]>;
  /** What a combo offers, unless that depends on the files of a server. */
  options?: string[];
  /** Limits of a number. */
  min?: number;
  max?: number;
  step?: number;
  /** It names a file that users upload. */
  upload?: UploadKind;
}

/** What must be known of a node class. */
export interface NodeShape {
  widgets: WidgetShape[];
  /** Types of its outputs. */
  outputs: string[];
  /** Whether it keeps or shows something: ComfyUI runs a graph for the sake of such nodes. */
  isOutput?: true;
}

/** Node class -> its shape. */
export type NodeShapes = Record<string, NodeShape>;

type Spec = readonly [type?: unknown, options?: Record<string, unknown> | null, ...rest: unknown[]];
type Sections = Partial<Record<string, Record<string, unknown>>>;

/** The part of a class's `/object_info` that is read. */
export interface NodeDescription {
  input?: unknown;
  input_order?: unknown;
  output?: unknown;
  output_node?: unknown;
}

/** Types that the editor makes a control for. */
const WIDGET_TYPES = new Set([
  'INT',
  'FLOAT',
  'STRING',
  'BOOLEAN',
  'COMBO',
  'COLOR',
  'COLORS',
  'CURVE',
  'BOUNDING_BOX',
  'BOUNDING_BOXES',
  'COMPOSITOR',
  'LOAD_3D',
  'WEBCAM',
  'AUDIO_RECORD',
  'IMAGECOMPARE',
  'COMFY_DYNAMICCOMBO_V3',
]);

/** The shapes of the classes that a server's `/object_info` describes. */
export function shapesOf(info: Readonly<Record<string, NodeDescription>>): NodeShapes {
  return Object.fromEntries(
    Object.entries(info).map(([type, { input, input_order, output, output_node }]): [string, NodeShape] => [
      type,
      {
        widgets: withExtras(type, widgetsOf(input as Sections, input_order as Partial<Record<string, string[]>>)),
        outputs: (Array.isArray(output) ? output : []).map((one) => (typeof one === 'string' ? one : 'COMBO')),
        ...(output_node === true && { isOutput: true as const }),
      },
    ]),
  );
}

/** Controls that the editor itself adds after one of the node's: their values are in the file, and none is sent. */
const BUTTONS: Record<string, { after: string; names: string[] }> = {
  Load3D: { after: 'model_file', names: ['upload 3d model', 'upload extra resources', 'clear'] },
};

function withExtras(type: string, widgets: WidgetShape[]): WidgetShape[] {
  const extra = Object.hasOwn(BUTTONS, type) ? BUTTONS[type] : undefined;
  if (!extra) return widgets;
  const buttons = extra.names.map((name): WidgetShape => ({ name, type: 'BUTTON', isButton: true }));
  return widgets.flatMap((widget) => (widget.name === extra.after ? [widget, ...buttons] : [widget]));
}

function widgetsOf(sections: Sections | undefined, order: Partial<Record<string, string[]>> = {}): WidgetShape[] {
  return ['required', 'optional'].flatMap((section) => {
    const inputs = sections?.[section] ?? {};
    // an object puts names that are numbers first; the list keeps the server's order
    const names = Array.isArray(order?.[section]) ? order[section] : Object.keys(inputs);
    return names.flatMap((name) => widgetOf(name, inputs[name]) ?? []);
  });
}

function widgetOf(name: string, spec: unknown): WidgetShape | undefined {
  if (!Array.isArray(spec)) return undefined;
  const [written, given] = spec as unknown as Spec;
  const options = given ?? {};
  if (options.forceInput) return undefined;
  const type = Array.isArray(written) ? 'COMBO' : (options.widgetType ?? written);
  if (typeof type !== 'string' || !(WIDGET_TYPES.has(type) || options.widgetType)) return undefined;
  // a view of the two pictures, for the editor alone: what a file has are addresses of a server's temporary files
  if (type === 'IMAGECOMPARE') return { name, type, constant: ['', ''] };
  const choices = type === 'COMFY_DYNAMICCOMBO_V3' ? choicesOf(options) : undefined;
  const preset = jsonValue(options.default) ?? defaultOf(type, Array.isArray(written) ? written : options.options);
  return {
    name,
    type,
    ...(preset !== undefined && { default: preset }),
    ...(options.dynamicPrompts === true && { dynamicPrompts: true as const }),
    ...(choices && { choices }),
    ...factsOf(type, options, written),
  };
}

/** A graph is JSON, which has no NaN and no infinities. */
const jsonValue = (value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? undefined : value);

/** Larger lists are of files, voices or fonts, which other servers have others of. */
const MOST_OPTIONS = 40;

const UPLOADS = ['image', 'video', 'audio', 'file'] as const;

/** What a value may be. */
function factsOf(
  type: string,
  options: Record<string, unknown>,
  written: unknown,
): Pick<WidgetShape, 'options' | 'min' | 'max' | 'step' | 'upload'> {
  const upload = UPLOADS.find((kind) => options[`${kind}_upload`] === true);
  if (upload) return { upload };
  if (type === 'INT' || type === 'FLOAT')
    return Object.fromEntries(
      ['min', 'max', 'step'].flatMap((name) => (Number.isFinite(options[name]) ? [[name, options[name]]] : [])),
    );
  const offered = type === 'COMBO' ? (Array.isArray(written) ? written : options.options) : undefined;
  const isShort = Array.isArray(offered) && offered.length > 0 && offered.length <= MOST_OPTIONS;
  return isShort && offered.every((one) => typeof one === 'string') ? { options: offered as string[] } : {};
}

function choicesOf({ options }: Record<string, unknown>): Record<string, WidgetShape[]> {
  const entries = (Array.isArray(options) ? options : []) as ({ key: string; inputs: Sections } | null)[];
  // a custom node that describes itself wrongly must not hide all the others
  return Object.fromEntries(entries.flatMap((entry) => (entry ? [[entry.key, widgetsOf(entry.inputs)]] : [])));
}

function defaultOf(type: string, options: unknown): unknown {
  if (type === 'INT' || type === 'FLOAT') return 0;
  if (type === 'STRING') return '';
  if (type === 'BOOLEAN') return false;
  const first = Array.isArray(options) ? options[0] : undefined;
  return typeof first === 'object' && first !== null && 'key' in first ? first.key : first;
}
