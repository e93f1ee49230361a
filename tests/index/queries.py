"""Words for a catalogue of films: what it can answer, and what it can't. The first set chose the thresholds."""

ANSWERABLE = """
a heist that goes wrong
dinosaurs
space adventure with aliens
a love story set in paris
vampires
a courtroom drama
musical with dancing
a film about the vietnam war
cowboys and gunfights
animated animals for my children
a serial killer thriller
time travel
submarine
boxing
a wedding comedy
a ghost story
hitchcock style suspense
gangsters in new york
a shark attacking people
robots taking over
king arthur and knights
baseball
a biography of a president
world war two
spies and secret agents
shakespeare adaptation
jazz musicians
volcano disaster
teenagers in high school
monsters from outer space
""".strip().splitlines()
FOREIGN = """
my tax return
sudoku
how to fix a leaking tap
python list comprehension
best mortgage rates
asdf qwer zxcv
running shoes size 42
blorp fnargle quux
recipe for banana bread
lithium battery charger
knitting pattern for socks
cheap flights to lisbon
javascript framework
vitamin d deficiency
stock market index funds
garden hose connector
printer ink cartridge
kubernetes ingress controller
flat screen television wall mount
dentist appointment
xkcd zzyzx plugh
email marketing newsletter
car insurance quote
gluten free bread
wifi router settings
quarterly earnings report
organic fertiliser for tomatoes
sparkling water
excel pivot table
toilet paper
""".strip().splitlines()
HELD_OUT_ANSWERABLE = """
samurai
a dog who finds his way home
prison escape
mafia family saga
a nun
dark comedy about death
kung fu
mad scientist
a haunted house
road trip across america
doctors and hospitals
a film about writers
treasure hunt
pirates
train robbery
political corruption
circus
ballet
british costume drama
computer hackers
nuclear war
a boy and his horse
con artists
twins
the wild west
divorce
slapstick
assassin
ancient rome
christmas
""".strip().splitlines()
HELD_OUT_FOREIGN = """
plumber near me
laptop keeps freezing
protein powder
how do vaccines work
used cars under 5000
divide by zero exception
mattress topper
lawn mower blades
cryptocurrency wallet
resume template
hair dryer
flurb snizzle
baby stroller
solar panel installation
sourdough starter
docker compose yaml
usb c cable
paint for kitchen walls
allergy medicine
visa application form
bus timetable
running a marathon training plan
coffee grinder
electric toothbrush heads
zip code lookup
photosynthesis
sql join two tables
hotel booking in berlin
qqq www eee
yoga mat
""".strip().splitlines()
