import { CreateDocumentCommand, DeleteDocumentCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { readDocument } from '../../lib/constructs/command-document.ts';
import { documentFill } from '../../lib/document-fill.ts';
import { verbs } from '../../lib/hosts-stack.ts';
import { documentName, pascal } from '../../lib/names.ts';

/** The documents of ssm-documents/ as the stacks deploy them, without a deployment. */
export const deployDocuments = async (ssm: SSMClient, installation: string): Promise<void> => {
  const fill = documentFill(installation);
  for (const verb of verbs()) {
    await ssm.send(
      new CreateDocumentCommand({
        Name: documentName(installation, pascal(verb)),
        DocumentType: 'Command',
        DocumentFormat: 'JSON',
        Content: JSON.stringify(readDocument(verb, fill)),
      }),
    );
  }
};

/** Takes them away again. */
export const withdrawDocuments = async (ssm: SSMClient, installation: string): Promise<void> => {
  for (const verb of verbs()) {
    await ssm.send(new DeleteDocumentCommand({ Name: documentName(installation, pascal(verb)) }));
  }
};
