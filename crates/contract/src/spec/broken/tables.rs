//! Ways of breaking the plans, the tables and the notifications.

use super::check;

#[test]
fn plans_that_do_not_add_up() {
    let file = "delivery.toml";
    check(file, "times = 7", "times = 8", "plan order-paid: attempts_max is 20, but 21");
    check(file, "attempts_max = 20 ", "attempts_max = 19 ", "attempts_max is 19, but 20");
    check(file, "1500, 2400", "1500, 2500", "plan order-paid: offsets_s is");
    check(file, "window_s = 43200 ", "window_s = 42000 ", "the last attempt in seconds is 42900");
    check(file, "times = 7", "times = 4000000000", "the number of attempts is 4000000013");
    check(file, "every_s = 900", "every_s = 0", "`steps` is empty");
    check(
        file,
        "id = \"payment-12h\"",
        "id = \"payment-48h\"",
        "plan payment-48h: the id occurs twice",
    );
    check(file, "\"RETRY-08\"", "\"RETRY-88\"", "there is no clause `RETRY-88`");
    check(
        file,
        "\"5xx\", \"silence\"",
        "\"5xx\", \"5xx\"",
        "plan order-paid: `Class(5)` is listed twice",
    );
    check(file, "\"415\", \"422\"]\n", "\"415\"]\n", "automatic_refund: an outcome is");
    check(
        file,
        "on_outcome = \"refund\"",
        "on_outcome = \"nothing\"",
        "automatic_refund: an outcome is",
    );
    check(file, "plan = \"order-paid\"", "plan = \"order\"", "there is no plan `order`");
}

#[test]
fn tables_out_of_form() {
    check(
        "errors.toml",
        "code = \"INVALID_USER\"",
        "code = \"INVALID_PARAMETER\"",
        "`INVALID_USER` is listed nowhere",
    );
    check("errors.toml", "status = 400", "status = 500", "`500` is no 4xx status");
    check(
        "errors.toml",
        "code = \"CLIENT_ERROR\"",
        "code = \"INVALID_USER\"",
        "foreign INVALID_USER: `INVALID_USER` is listed twice",
    );
    check(
        "network.toml",
        "accept = false",
        "accept = true",
        "union: `159.255.220.240/28` is listed nowhere",
    );
    check(
        "network.toml",
        "    \"35.236.73.234/32\", \"35.236.90.90/32\",\n",
        "    \"35.236.73.234/32\", \"35.236.90.91/32\",\n",
        "the union is with 35.236.90.91/32",
    );
    check(
        "products.toml",
        "required_when_separate = [\"payment\"",
        "required_when_separate = [\"order_paid\"",
        "product payments: `order_paid` is listed twice",
    );
    check(
        "products.toml",
        "\"non_renewal_subscription\", ",
        "",
        "`non_renewal_subscription` is listed nowhere",
    );
    check(
        "settings.toml",
        "\"/payment_account\"",
        "\"payment_account\"",
        "`payment_account` is no JSON pointer",
    );
    check(
        "settings.toml",
        "id = \"order-object\"",
        "id = \"saved-account\"",
        "setting saved-account: the id occurs twice",
    );
    check("reason-codes.toml", "code = 2\n", "code = 1\n", "code 1: the id occurs twice");
    check("test-area.toml", "code = \"INVALID_USER\"\n", "", "`code` is missing");
    check(
        "test-area.toml",
        "id = \"store-order-paid\"",
        "id = \"order-paid\"",
        "`order-paid` is no scenario of this tab",
    );
}

#[test]
fn neighbours_out_of_form() {
    let file = "neighbours.toml";
    check(file, "\"get_pincode\"", "\"payment\"", "neighbour payment: `payment` is listed twice");
    check(file, "\"get_pincode\"", "\"redeem_key\"", "neighbour redeem_key: the id occurs twice");
    check(file, "\"china\"", "\"chine\"", "there is no source `chine`");
}

#[test]
fn notifications_out_of_form() {
    let file = "notifications/payment/notification.toml";
    check(
        file,
        "type = \"payment\"",
        "type = \"refund\"",
        "the file says `refund`, its path says `payment`",
    );
    check(
        file,
        "plan = \"payment-48h\"",
        "plan = \"order-paid\"",
        "plan `order-paid` does not name it in return",
    );
    check(file, "plan = \"payment-48h\"", "plan = \"payment\"", "there is no plan `payment`");
    check(file, "\"saved-account\"", "\"saved\"", "there is no setting `saved`");
    check(
        file,
        "\"examples/minimal.json\"",
        "\"examples/minimum.json\"",
        "there is no file `notifications/payment/examples/minimum.json`",
    );
    check(
        file,
        "\"examples/minimal.json\"",
        "\"examples/minimum.json\"",
        "examples/minimal.json: whole file: `examples/minimal.json` is listed nowhere",
    );
    check(
        file,
        "\"order_paid\"",
        "\"user_search\"",
        "notification `user_search` does not name it in return",
    );
    check(
        file,
        "\"PAYMENT-02\", ",
        "",
        "clause PAYMENT-02: notification `payment` does not name it in return",
    );
    check(file, "signature = \"", "signature = \"0", "is no signature");
    check(file, "accepted = [", "accepted = [202, ", "`202` is no status of success");
}

#[test]
fn aliases_out_of_form() {
    let file = "aliases.toml";
    check(file, "\"duplicate\"", "\"retry\"", "`retry` is listed twice");
    check(file, "\"duplicate\"", "\"Duplicate\"", "`Duplicate` is no word in lower case");
    check(file, "\"duplicate\"", "\"\"", "`` is no word in lower case");
    check(file, "to = \"keys.html\"", "to = \"keys\"", "alias keys: `keys` is no page");
    check(file, "to = \"keys.html\"", "to = \"/keys.html\"", "`/keys.html` is no page");
    check(file, "\"IDEM-01\"", "\"IDEM-99\"", "there is no id `IDEM-99`");
    check(file, "\"de-setup\"", "\"de-set-up\"", "there is no source `de-set-up`");
    check(file, "\"de-setup\"", "\"pt-buy-button\"", "title pt-buy-button: the id occurs twice");
    check(file, "\"de-setup\", ", "", "title: `de-setup` is listed nowhere");
}
