"""A question to ranked hits: two legs, fusion, boosts, copies merged."""
