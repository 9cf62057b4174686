import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { ServiceOutputTypes } from '@aws-sdk/lib-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { auditRows } from './audited.ts';
import { type ItemWrite, TableRows, writesOf } from './table-rows.ts';

/**
 * The state table, and the audit and telemetry tables beside it, in memory behind the SDK's own document client: what store/ sends is
 * evaluated, not recorded. Held to DynamoDB's behaviour by test/local, which runs the same stories on the emulator.
 */
export class StateTable extends TableRows {
  readonly #audit = new TableRows();
  /** The audit table's rows: chains, and marks of what they tell. */
  readonly audit = this.#audit.rows;
  readonly #telemetry = new TableRows();
  /** The telemetry table's rows: what is leased of the limits of requests. */
  readonly telemetry = this.#telemetry.rows;
  readonly mock = mockClient(DynamoDBDocumentClient);
  /** As DynamoDB names it; a table that is restored has another. */
  tableId = 'table-1';
  /** Called with the partition keys of a transaction, before it lands; what it throws is DynamoDB's refusal. */
  beforeTransaction: (partitions: readonly unknown[]) => void = () => undefined;
  /** Called once a transaction is done: what it throws is an answer that is lost. */
  afterTransaction: () => void = () => undefined;
  /** Stands around each call of the document client, whatever it is. */
  around: <T>(call: () => Promise<T>) => Promise<T> = (call) => call();
  /** Waited for before a query is answered and before a transaction lands: where a test lets others go first. */
  turn: (() => Promise<void>) | undefined;

  constructor() {
    super();
    auditRows(this.rows);
    // The answer to whatever no test has said otherwise of; by the class, since sinon compares each call with each matcher in depth.
    // What is answered has the shape of what was asked for.
    this.mock.send.callsFake((command) => this.around(async () => this.#answered(command) as ServiceOutputTypes));
  }

  #answered(command: unknown): unknown {
    if (command instanceof GetCommand) return { Item: this.#of(command).read(command.input.Key ?? {}) };
    if (command instanceof BatchGetCommand) return this.readAll(command.input.RequestItems ?? {});
    if (command instanceof QueryCommand) return this.#inTurn(() => this.#of(command).query(command.input));
    if (command instanceof PutCommand || command instanceof DeleteCommand)
      return this.#of(command).write(command.input);
    if (command instanceof TransactWriteCommand) {
      return this.#inTurn(() => this.#transacted(writesOf(command.input.TransactItems ?? [])));
    }
    if (command instanceof UpdateCommand) return this.#telemetry.update(command.input);
    if (command instanceof ScanCommand) return this.scan(command.input.ExclusiveStartKey);
    if (command instanceof DescribeTableCommand) return { Table: { TableId: this.tableId } };
    return undefined;
  }

  #of({ input: { TableName } }: { readonly input: { readonly TableName?: string | undefined } }): TableRows {
    return this.#named(TableName);
  }

  #inTurn<T>(work: () => T): T | Promise<T> {
    return this.turn ? this.turn().then(work) : work();
  }

  #named(name: string | undefined): TableRows {
    if (name === 'telemetry') return this.#telemetry;
    return name === 'audit' ? this.#audit : this;
  }

  /** No transaction of ours spans both tables. */
  #transacted(writes: readonly ItemWrite[]): Record<string, never> {
    this.beforeTransaction(writes.map(({ Item, Key }) => (Item ?? Key)?.pk));
    const done = this.#named(writes[0]?.TableName).transact(writes);
    this.afterTransaction();
    return done;
  }
}
