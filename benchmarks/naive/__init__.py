"""What bosett is measured against: scripts written as an analyst would write them."""
