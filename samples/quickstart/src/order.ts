export interface Order {
  id: string;
  customer: string;
  amount: number;
}

/** What this application sends, by destination (`topic:tag`): the template checks payloads against it. */
export interface ShopEvents {
  'order:created': Order;
}
