export { remove as default } from './pack.js';
