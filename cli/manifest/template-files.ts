import { glob } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Document, isScalar, isSeq, parseDocument } from 'yaml';
import { UsageError } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { fileText } from './file-text.ts';

const globsOf = (document: Document): string[] => {
  const named = document.get('templates');
  return isSeq(named) ? named.items.flatMap((item) => (isScalar(item) ? String(item.value) : [])) : [];
};

/** The files that a glob names, sorted. @throws UsageError where there are none */
const filesOf = async (pattern: string, folder: string): Promise<string[]> => {
  const files = (await Array.fromAsync(glob(pattern, { cwd: folder }))).sort();
  if (files.length > 0) return files;
  throw new UsageError(`templates: no file is called ${pattern} in ${folder}.`);
};

const put = (document: Document, file: string, text: string): void => {
  // As Go's templates call a file.
  const path = ['template_files', basename(file)];
  if (document.hasIn(path))
    throw new UsageError(`templates: there is another file than ${file} that is called so, too.`);
  document.setIn(path, text);
};

/**
 * An Alertmanager file in which the texts of the files that its `templates` name, seen from its folder, stand in
 * `template_files`, where the plane finds them. All else stays as it is written. @throws UsageError where a glob names none
 */
export const withTemplateFiles = async (io: Io, yaml: string, folder: string): Promise<string> => {
  // Nothing but texts: a telephone's number stays what it is.
  const document = parseDocument(yaml, { schema: 'failsafe' });
  const globs = globsOf(document);
  // What is no YAML the plane refuses, with its line.
  if (globs.length === 0 || document.errors.length > 0) return yaml;
  const files = new Set((await Promise.all(globs.map((each) => filesOf(each, folder)))).flat());
  document.set('templates', []);
  for (const file of files) put(document, file, await fileText(io, resolve(folder, file)));
  return document.toString({ lineWidth: 0 });
};
