// What a listener's code may look like with types that were generated from spec/openapi.json.

import type { components } from "xsolla";

type Notification = components["schemas"]["Notification"];
type Refusal = components["schemas"]["ErrorAnswer"];

/** The user that a verified notification is about, wherever its type keeps the id. */
export function userOf(notification: Notification): string | undefined {
  switch (notification.notification_type) {
    case "order_paid":
    case "order_canceled":
      return String(notification.user.external_id);
    case "user_validation":
    case "create_subscription":
      return String(notification.user.id);
    default:
      return undefined;
  }
}

/** What an order grants, by SKU. What a bundle contains is listed beside it and comes with it. */
export function grants(notification: Notification): Map<string, number> {
  const items = new Map<string, number>();
  if (notification.notification_type === "order_paid") {
    for (const item of notification.items) {
      if (!item.is_bundle_content) {
        items.set(item.sku, (items.get(item.sku) ?? 0) + item.quantity);
      }
    }
  }
  return items;
}

export const unknownUser: Refusal = {
  error: { code: "INVALID_USER", message: "Invalid user" },
};
