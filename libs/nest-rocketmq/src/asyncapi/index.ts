export { createAsyncApiDocument, type AsyncApiOptions } from './create-document.ts';
export type {
  AsyncApiChannel,
  AsyncApiDocument,
  AsyncApiMessage,
  AsyncApiOperation,
  AsyncApiServer,
  JsonSchema,
} from './document.ts';
