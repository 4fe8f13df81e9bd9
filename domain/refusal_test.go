package domain_test

import (
	"fmt"

	"lobby.example/domain"
)

func ExampleRefuse() {
	err := fmt.Errorf("send: %w", domain.Refuse(domain.Forbidden, "not_connected", "You are not connected with this person."))
	fmt.Println(err)
	// Output: send: not_connected: You are not connected with this person.
}

func ExampleBad() {
	fmt.Println(domain.Bad("text", "blank", "The text is blank."))
	// Output: blank: The text is blank. (text)
}
