export type AnnotationLevel = 'error' | 'warning' | 'notice';

/** A workflow command that GitHub Actions shows as an annotation; its text must be plain already. */
export function annotation(level: AnnotationLevel, title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}`;
}

/** As actions/toolkit escapes them (packages/core/src/command.ts): a line break or a colon would end the value. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
