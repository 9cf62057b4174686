import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
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
  /** Waited for before a query is answered and before a transaction lands: where a test lets others go first. */
  turn: (() => Promise<void>) | undefined;

  constructor() {
    super();
    auditRows(this.rows);
    this.mock.on(GetCommand).callsFake(({ Key, TableName }) => ({ Item: this.#named(TableName).read(Key) }));
    this.mock.on(BatchGetCommand).callsFake(({ RequestItems }) => this.readAll(RequestItems));
    this.mock.on(ScanCommand).callsFake(({ ExclusiveStartKey }) => this.scan(ExclusiveStartKey));
    this.mock.on(DescribeTableCommand).callsFake(() => ({ Table: { TableId: this.tableId } }));
    this.mock.on(QueryCommand).callsFake((input) => this.#inTurn(() => this.#named(input.TableName).query(input)));
    this.mock.on(PutCommand).callsFake((input) => this.#named(input.TableName).write(input));
    this.mock.on(UpdateCommand).callsFake((input) => this.#telemetry.update(input));
    this.mock.on(DeleteCommand).callsFake((input) => this.#named(input.TableName).write(input));
    this.mock
      .on(TransactWriteCommand)
      .callsFake(({ TransactItems }) => this.#inTurn(() => this.#transacted(writesOf(TransactItems))));
  }

  #inTurn<T>(work: () => T): T | Promise<T> {
    return this.turn ? this.turn().then(work) : work();
  }

  #named(name: string | undefined): TableRows {
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
