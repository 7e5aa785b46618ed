package main

import (
	"crypto/sha1"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"

	_ "modernc.org/sqlite"
)

var players = map[string]bool{"player-1001": true, "player-2002": true} // Your game.

type refused string // Answered with 400 and this error code.

func (code refused) Error() string { return string(code) }

type id string // A string or an integer, which mean the same.

func (it *id) UnmarshalJSON(text []byte) error {
	var number json.Number // Keeps every digit.
	if text[0] != '"' && json.Unmarshal(text, &number) == nil {
		*it = id(number)
		return nil
	}
	return json.Unmarshal(text, (*string)(it))
}

type webhook struct {
	User *struct {
		ID         id `json:"id"`
		ExternalID id `json:"external_id"`
	} `json:"user"`
	Transaction struct {
		ID id `json:"id"`
	} `json:"transaction"`
	Order struct {
		ID id `json:"id"`
	} `json:"order"`
	Items []struct {
		SKU      id     `json:"sku"`
		Quantity *int64 `json:"quantity"`
		InBundle bool   `json:"is_bundle_content"`
	} `json:"items"`
}

func known(user id) error {
	if user == "" {
		return refused("INVALID_PARAMETER")
	}
	if !players[string(user)] {
		return refused("INVALID_USER")
	}
	return nil
}

// The primary key decides: false for a duplicate.
func isNew(tx *sql.Tx, kind string, event id) (bool, error) {
	if event == "" {
		return false, refused("INVALID_PARAMETER")
	}
	result, err := tx.Exec("INSERT OR IGNORE INTO events VALUES (?, ?)", kind, event)
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

func handle(tx *sql.Tx, kind string, body []byte) error {
	switch kind {
	case "":
		return refused("INVALID_PARAMETER")
	case "user_validation", "payment", "refund", "order_paid", "order_canceled":
	default:
		return nil // Other types are acknowledged.
	}
	var it webhook
	if json.Unmarshal(body, &it) != nil {
		return refused("INVALID_PARAMETER")
	}
	switch {
	case kind == "refund", kind == "payment" && it.User == nil:
	case it.User == nil:
		return refused("INVALID_PARAMETER")
	default:
		user := it.User.ID
		if kind == "order_paid" || kind == "order_canceled" {
			user = it.User.ExternalID
		}
		if err := known(user); err != nil {
			return err
		}
	}
	switch kind {
	case "payment", "refund":
		_, err := isNew(tx, kind, it.Transaction.ID)
		return err
	case "order_paid":
		return orderPaid(tx, it)
	case "order_canceled":
		new, err := isNew(tx, kind, it.Order.ID)
		if err == nil && new {
			_, err = tx.Exec("DELETE FROM grants WHERE order_id = ?", it.Order.ID)
		}
		return err
	}
	return nil
}

func orderPaid(tx *sql.Tx, it webhook) error {
	if it.Items == nil {
		return refused("INVALID_PARAMETER")
	}
	new, err := isNew(tx, "order_paid", it.Order.ID)
	if err != nil || !new {
		return err
	}
	var canceled bool
	row := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM events WHERE type = 'order_canceled' AND id = ?)", it.Order.ID)
	if err := row.Scan(&canceled); err != nil || canceled {
		return err
	}
	for _, item := range it.Items {
		if item.SKU == "" || item.Quantity == nil {
			return refused("INVALID_PARAMETER")
		}
		if item.InBundle {
			continue
		}
		_, err := tx.Exec("INSERT INTO grants VALUES (?, ?, ?, ?)", it.Order.ID, it.User.ExternalID, item.SKU, *item.Quantity)
		if err != nil {
			return err
		}
	}
	return nil
}

// Verifies, parses, handles and commits; only then the answer is sent.
func receive(db *sql.DB, secret, body []byte, header string) error {
	sum := sha1.Sum(append(append([]byte{}, body...), secret...))
	expected := "Signature " + hex.EncodeToString(sum[:])
	if subtle.ConstantTimeCompare([]byte(header), []byte(expected)) != 1 {
		return refused("INVALID_SIGNATURE")
	}
	var envelope struct {
		Type string `json:"notification_type"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return refused("INVALID_PARAMETER")
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := handle(tx, envelope.Type, body); err != nil {
		return err
	}
	return tx.Commit()
}

func main() {
	secret := []byte(os.Getenv("XSOLLA_WEBHOOK_SECRET_KEY"))
	if len(secret) == 0 {
		log.Fatal("XSOLLA_WEBHOOK_SECRET_KEY is not set")
	}
	db, err := sql.Open("sqlite", "listener.db?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1) // One writer at a time.
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS events (type TEXT, id TEXT, PRIMARY KEY (type, id));
		CREATE TABLE IF NOT EXISTS grants (order_id TEXT, user TEXT, sku TEXT, quantity INTEGER)`)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/webhook", func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, 1<<20)) // The raw body.
		if err == nil {
			err = receive(db, secret, body, request.Header.Get("Authorization"))
		}
		var code refused
		switch {
		case err == nil:
			response.WriteHeader(http.StatusNoContent)
		case errors.As(err, &code):
			response.Header().Set("Content-Type", "application/json")
			response.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(response).Encode(map[string]any{"error": map[string]string{"code": code.Error(), "message": code.Error()}})
		default:
			log.Print(err)
			response.WriteHeader(http.StatusInternalServerError) // Sent again.
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
