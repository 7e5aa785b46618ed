// Go's net/http with a group commit made by hand: one goroutine commits what has queued up, and answers after
// that. SQLite is called directly, with one change to C for each event, which is the fastest way there is.
package main

/*
#cgo LDFLAGS: -lsqlite3
#include <sqlite3.h>
#include <stdlib.h>

static sqlite3 *db;
static sqlite3_stmt *begin_, *commit_, *rollback_, *pay_, *order_, *grant_;

static sqlite3_stmt *prepare(const char *sql) {
	sqlite3_stmt *statement = NULL;
	sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
	return statement;
}

static int open_db(const char *path, const char *schema) {
	if (sqlite3_open(path, &db) != SQLITE_OK) return 1;
	if (sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK) return 1;
	begin_ = prepare("BEGIN IMMEDIATE");
	commit_ = prepare("COMMIT");
	rollback_ = prepare("ROLLBACK");
	pay_ = prepare("INSERT OR IGNORE INTO transactions VALUES (?, ?, ?, ?)");
	order_ = prepare("INSERT OR IGNORE INTO orders VALUES (?, ?)");
	grant_ = prepare("INSERT INTO inventory VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity");
	return !(begin_ && commit_ && rollback_ && pay_ && order_ && grant_);
}

static int run(sqlite3_stmt *statement) {
	int code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code != SQLITE_DONE;
}

static int begin(void) { return run(begin_); }
static int commit(void) { return run(commit_); }
static int rollback(void) { return run(rollback_); }

static void text(sqlite3_stmt *statement, int at, _GoString_ value) {
	sqlite3_bind_text(statement, at, _GoStringPtr(value), (int)_GoStringLen(value), SQLITE_TRANSIENT);
}

static int pay(sqlite3_int64 id, _GoString_ user, _GoString_ amount, _GoString_ currency) {
	sqlite3_bind_int64(pay_, 1, id);
	text(pay_, 2, user);
	text(pay_, 3, amount);
	text(pay_, 4, currency);
	return run(pay_);
}

// 0: recorded, 1: failed, 2: it had been there.
static int order(sqlite3_int64 id, _GoString_ user) {
	sqlite3_bind_int64(order_, 1, id);
	text(order_, 2, user);
	if (run(order_)) return 1;
	return sqlite3_changes(db) ? 0 : 2;
}

static int grant(_GoString_ user, _GoString_ sku, sqlite3_int64 quantity) {
	text(grant_, 1, user);
	text(grant_, 2, sku);
	sqlite3_bind_int64(grant_, 3, quantity);
	return run(grant_);
}
*/
import "C"

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

const (
	batchMax = 512
	refusal  = `{"error":{"code":"INVALID_SIGNATURE"}}`
)

type billing struct {
	Transaction struct {
		ID int64 `json:"id"`
	} `json:"transaction"`
	PaymentDetails struct {
		Payment struct {
			Amount   json.Number `json:"amount"`
			Currency string      `json:"currency"`
		} `json:"payment"`
	} `json:"payment_details"`
}

type notification struct {
	Type string `json:"notification_type"`
	User struct {
		ID         string `json:"id"`
		ExternalID string `json:"external_id"`
	} `json:"user"`
	Order struct {
		ID int64 `json:"id"`
	} `json:"order"`
	Items []struct {
		SKU      string `json:"sku"`
		Quantity int64  `json:"quantity"`
	} `json:"items"`
	Billing *billing `json:"billing"`
	billing
}

type job struct {
	told *notification
	done chan bool
}

func pay(user string, paid *billing) bool {
	payment := paid.PaymentDetails.Payment
	return C.pay(C.sqlite3_int64(paid.Transaction.ID), user, payment.Amount.String(), payment.Currency) == 0
}

func apply(told *notification) bool {
	if told.Type == "payment" {
		return pay(told.User.ID, &told.billing)
	}
	user := told.User.ExternalID
	if code := C.order(C.sqlite3_int64(told.Order.ID), user); code != 0 {
		return code == 2
	}
	if told.Billing != nil && !pay(user, told.Billing) {
		return false
	}
	for _, item := range told.Items {
		if C.grant(user, item.SKU, C.sqlite3_int64(item.Quantity)) != 0 {
			return false
		}
	}
	return true
}

// Takes what has queued up while the last commit ran, commits it, and lets the answers go.
func writer(queue chan job) {
	batch := make([]job, 0, batchMax)
	for first := range queue {
		batch = append(batch[:0], first)
	gather:
		for len(batch) < batchMax {
			select {
			case next := <-queue:
				batch = append(batch, next)
			default:
				break gather
			}
		}
		ok := C.begin() == 0
		for _, job := range batch {
			ok = ok && apply(job.told)
		}
		if !ok || C.commit() != 0 {
			C.rollback()
			ok = false
		}
		for _, job := range batch {
			job.done <- ok
		}
	}
}

func main() {
	schema, err := os.ReadFile(os.Getenv("SCHEMA"))
	if err != nil {
		log.Fatal(err)
	}
	if C.open_db(C.CString(os.Getenv("DB")), C.CString(string(schema))) != 0 {
		log.Fatal("cannot open the database")
	}
	secret := []byte(os.Getenv("XSOLLA_WEBHOOK_SECRET_KEY"))
	queue := make(chan job, 4096)
	go writer(queue)
	http.HandleFunc("/webhook", func(reply http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		digest := sha1.Sum(append(body, secret...))
		expected := "Signature " + hex.EncodeToString(digest[:])
		if subtle.ConstantTimeCompare([]byte(request.Header.Get("Authorization")), []byte(expected)) != 1 {
			reply.Header().Set("Content-Type", "application/json")
			reply.WriteHeader(http.StatusBadRequest)
			io.WriteString(reply, refusal)
			return
		}
		var told notification
		if json.Unmarshal(body, &told) != nil {
			reply.WriteHeader(http.StatusBadRequest)
			return
		}
		if told.Type == "payment" || told.Type == "order_paid" {
			done := make(chan bool, 1)
			queue <- job{&told, done}
			if !<-done {
				reply.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
		reply.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
