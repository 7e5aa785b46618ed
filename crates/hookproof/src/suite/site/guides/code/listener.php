<?php
declare(strict_types=1);

const PLAYERS = ['player-1001', 'player-2002']; // Your game.

class Refused extends Exception {} // Answered with 400 and this error code.

function answer(int $status, ?string $code = null): never {
    http_response_code($status);
    if ($code !== null) {
        header('Content-Type: application/json');
        echo json_encode(['error' => ['code' => $code, 'message' => $code]]);
    }
    exit;
}

// An id is a string or an integer, and means the same.
function text(mixed $value): string {
    if ((!is_string($value) && !is_int($value)) || $value === '') {
        throw new Refused('INVALID_PARAMETER');
    }
    return (string) $value;
}

function known(string $user): string {
    return in_array($user, PLAYERS, true) ? $user : throw new Refused('INVALID_USER');
}

// The primary key decides: false for a duplicate.
function is_new(PDO $db, string $type, string $id): bool {
    $insert = $db->prepare('INSERT OR IGNORE INTO events VALUES (?, ?)');
    $insert->execute([$type, $id]);
    return $insert->rowCount() === 1;
}

function order_paid(PDO $db, array $webhook): void {
    $order = text($webhook['order']['id'] ?? null);
    $user = known(text($webhook['user']['external_id'] ?? null));
    $items = $webhook['items'] ?? null;
    if (!is_array($items)) {
        throw new Refused('INVALID_PARAMETER');
    }
    $canceled = $db->prepare("SELECT 1 FROM events WHERE type = 'order_canceled' AND id = ?");
    $canceled->execute([$order]);
    $grants = is_new($db, 'order_paid', $order) && !$canceled->fetchColumn();
    $grant = $db->prepare('INSERT INTO grants VALUES (?, ?, ?, ?)');
    foreach ($items as $item) {
        $sku = text($item['sku'] ?? null);
        if (!is_int($item['quantity'] ?? null)) {
            throw new Refused('INVALID_PARAMETER');
        }
        if ($grants && empty($item['is_bundle_content'])) {
            $grant->execute([$order, $user, $sku, $item['quantity']]);
        }
    }
}

function order_canceled(PDO $db, array $webhook): void {
    $order = text($webhook['order']['id'] ?? null);
    known(text($webhook['user']['external_id'] ?? null));
    if (is_new($db, 'order_canceled', $order)) {
        $db->prepare('DELETE FROM grants WHERE order_id = ?')->execute([$order]);
    }
}

function handle(PDO $db, mixed $webhook): void {
    if (!is_array($webhook)) {
        throw new Refused('INVALID_PARAMETER');
    }
    $type = text($webhook['notification_type'] ?? null);
    if ($type === 'user_validation' || ($type === 'payment' && isset($webhook['user']))) {
        known(text($webhook['user']['id'] ?? null));
    }
    match ($type) {
        'payment', 'refund' => is_new($db, $type, text($webhook['transaction']['id'] ?? null)),
        'order_paid' => order_paid($db, $webhook),
        'order_canceled' => order_canceled($db, $webhook),
        default => null, // Other types are acknowledged.
    };
}

$body = file_get_contents('php://input'); // The raw body: $_POST cannot be verified.
$expected = 'Signature ' . sha1($body . getenv('XSOLLA_WEBHOOK_SECRET_KEY'));
if (!getenv('XSOLLA_WEBHOOK_SECRET_KEY')) {
    answer(500);
}
if (!hash_equals($expected, $_SERVER['HTTP_AUTHORIZATION'] ?? '')) {
    answer(400, 'INVALID_SIGNATURE');
}
try {
    $db = new PDO('sqlite:listener.db', options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $db->exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE IF NOT EXISTS events (type TEXT, id TEXT, PRIMARY KEY (type, id));
        CREATE TABLE IF NOT EXISTS grants (order_id TEXT, user TEXT, sku TEXT, quantity INTEGER);');
    $db->exec('BEGIN IMMEDIATE');
    handle($db, json_decode($body, true, 512, JSON_BIGINT_AS_STRING));
    $db->exec('COMMIT'); // Before the answer. Without it, SQLite rolls back.
} catch (Refused $refused) {
    answer(400, $refused->getMessage());
} catch (Throwable $error) {
    error_log((string) $error);
    answer(500); // Sent again.
}
answer(204);
