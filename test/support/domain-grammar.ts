import { existsSync, readFileSync } from 'node:fs';
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import { afterAll, beforeAll } from 'vitest';

/** Where Debian's libvirt puts it. */
const GRAMMAR = '/usr/share/libvirt/schemas/domain.rng';

/**
 * Loads libvirt's own grammar of domains for the tests around it. @returns a check of an XML, which throws XmlValidateError
 * naming the element that libvirt would refuse
 */
export const useDomainGrammar = (): ((xml: string) => void) => {
  let grammar: RelaxNGValidator;
  let text: XmlDocument;
  beforeAll(() => {
    if (!existsSync(GRAMMAR)) {
      throw new Error(
        `${GRAMMAR} is missing: run \`npx node local/prerequisites-of-tests.ts\`, which installs libvirt.`,
      );
    }
    xmlRegisterFsInputProviders();
    text = XmlDocument.fromBuffer(readFileSync(GRAMMAR), { url: GRAMMAR });
    grammar = RelaxNGValidator.fromDoc(text);
  });
  afterAll(() => {
    grammar.dispose();
    text.dispose();
  });
  return (xml) => {
    using document = XmlDocument.fromString(xml);
    grammar.validate(document);
  };
};
