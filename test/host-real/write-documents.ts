/** write-documents.ts INSTALLATION DIRECTORY: the finished documents as JSON, one a verb, as deployed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '../../lib/constructs/command-document.ts';
import { documentFill } from '../../lib/document-fill.ts';
import { verbs } from '../../lib/hosts-stack.ts';

const [, , installation, directory] = process.argv;
if (!installation || !directory) throw new Error('usage: write-documents.ts INSTALLATION DIRECTORY');
const fill = documentFill(installation);
for (const verb of verbs()) writeFileSync(join(directory, `${verb}.json`), JSON.stringify(readDocument(verb, fill)));
