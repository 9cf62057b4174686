import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';

const refused = (name: string): Error => Object.assign(new Error(name), { name });

/** Systems Manager's parameters in memory. */
export class Parameters {
  readonly values = new Map<string, string>();
  /** Of all that are read. */
  type: 'String' | 'SecureString' = 'SecureString';
  readonly mock = mockClient(SSMClient);
  /** Called before a parameter is put: where a test lets another be first. */
  beforePut: () => void = () => undefined;

  constructor() {
    this.mock.on(GetParameterCommand).callsFake(({ Name }) => {
      const Value = this.values.get(Name);
      if (Value === undefined) throw refused('ParameterNotFound');
      return { Parameter: { Type: this.type, Value } };
    });
    this.mock.on(PutParameterCommand).callsFake(({ Name, Value, Overwrite }) => {
      this.beforePut();
      if (this.values.has(Name) && !Overwrite) throw refused('ParameterAlreadyExists');
      this.values.set(Name, Value);
      return {};
    });
  }
}
