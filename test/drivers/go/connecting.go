package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	sf "github.com/snowflakedb/gosnowflake/v2"
)

// ways to hand over a token, each as the driver documents it.
var ways = map[string]func(login) (user *url.Userinfo, settings map[string]string){
	"token": func(l login) (*url.Userinfo, map[string]string) {
		return nil, map[string]string{"authenticator": "oauth", "token": l.Token}
	},
	"password": func(l login) (*url.Userinfo, map[string]string) {
		return url.UserPassword("agent", l.Token), nil
	},
	"tokenFile": func(l login) (*url.Userinfo, map[string]string) {
		return nil, map[string]string{"authenticator": "oauth", "tokenFilePath": l.TokenFile}
	},
	"pat": func(l login) (*url.Userinfo, map[string]string) {
		return nil, map[string]string{"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": l.Token}
	},
	"workloadIdentity": func(l login) (*url.Userinfo, map[string]string) {
		return nil, map[string]string{
			"authenticator":            "WORKLOAD_IDENTITY",
			"workloadIdentityProvider": "OIDC",
			"token":                    l.Token,
		}
	},
}

// session is one connection, and the pool that has no other.
type session struct {
	pool       *sql.DB
	connection *sql.Conn
}

func connect(p plan, l login) (session, error) {
	way, known := ways[l.By]
	if !known {
		return session{}, unsupported("gosnowflake has no login by " + l.By)
	}
	pool, err := sql.Open("snowflake", dsn(p, l, way))
	if err != nil {
		return session{}, err
	}
	pool.SetMaxOpenConns(1)
	connection, err := pool.Conn(context.Background())
	if err != nil {
		return session{}, errors.Join(err, pool.Close())
	}
	return session{pool, connection}, nil
}

func (s session) close() error {
	return errors.Join(s.connection.Close(), s.pool.Close())
}

func dsn(p plan, l login, way func(login) (*url.Userinfo, map[string]string)) string {
	user, settings := way(l)
	query := url.Values{"account": {"acme-demo"}, "protocol": {"http"}}
	for name, value := range settings {
		query.Set(name, value)
	}
	address := fmt.Sprintf("%s:%d/?%s", p.Host, p.Port, query.Encode())
	if user == nil {
		return address
	}
	return user.String() + "@" + address
}

// raw gives the driver's own connection to `use`.
func raw(connection *sql.Conn, use func(sf.SnowflakeConnection) error) error {
	return connection.Raw(func(driver any) error {
		return use(driver.(sf.SnowflakeConnection))
	})
}
