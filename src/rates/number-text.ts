/** A number of a YAML file as it was written: money must not pass through a double. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
