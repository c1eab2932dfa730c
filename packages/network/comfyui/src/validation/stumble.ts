/** What ComfyUI's code stumbles over, a broken link above all: it reports the exception. */
export class Stumble extends Error {
  /** Python's class of the exception. */
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}
